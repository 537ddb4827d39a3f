import { useSuspenseQuery } from "@tanstack/react-query";
import { createFileRoute } from "@tanstack/react-router";
import { useAccounts } from "~/features/accounts/queries";
import { useMay } from "~/features/session/queries";
import { taskQuery } from "~/features/tasks/queries";
import { TaskForm } from "~/features/tasks/TaskForm";
import { Empty } from "~/parts/Empty";
import { LinkButton, TextLink } from "~/parts/links";
import { Page } from "~/parts/Page";
import { TroubleAlert } from "~/parts/TroubleAlert";
import { choicesOf, labelsOf } from "./-targets";

export const Route = createFileRoute("/_app/tasks/$id_/edit")({
  loader: ({ context, params }) => context.queries.query(taskQuery(params.id)),
  component: EditTask,
});

/** The same form as of a new task, with what the task is now. */
function EditTask() {
  const { id } = Route.useParams();
  const { data: task } = useSuspenseQuery(taskQuery(id));
  const navigate = Route.useNavigate();
  const may = useMay("tasks.edit");
  const accounts = useAccounts();
  const title = `Edit ${task.name}`;
  if (!may) {
    return (
      <Page title={title}>
        <Empty
          title="Your role may not"
          text="A member of the organization can change tasks."
          action={
            <LinkButton to="/tasks/$id" params={{ id }}>
              Back to the task
            </LinkButton>
          }
        />
      </Page>
    );
  }
  return (
    <Page
      title={title}
      intro={
        <>
          A change makes a new version; what runs now goes on as it began.{" "}
          <TextLink to="/tasks/$id" params={{ id }}>
            Back to the task
          </TextLink>
        </>
      }
    >
      {accounts.error ? (
        <TroubleAlert error={accounts.error} onRetry={() => void accounts.refetch()} />
      ) : null}
      <TaskForm
        key={id}
        task={task}
        accounts={choicesOf(accounts.data?.items)}
        labels={labelsOf(accounts.data?.items ?? [])}
        onDone={() =>
          void navigate({ to: "/tasks/$id", params: { id }, ignoreBlocker: true })
        }
      />
    </Page>
  );
}

import { createFileRoute } from "@tanstack/react-router";
import { useAccounts } from "~/features/accounts/queries";
import { useMay } from "~/features/session/queries";
import { TaskForm } from "~/features/tasks/TaskForm";
import { Empty } from "~/parts/Empty";
import { LinkButton } from "~/parts/links";
import { Page } from "~/parts/Page";
import { TroubleAlert } from "~/parts/TroubleAlert";
import { choicesOf, labelsOf } from "./-targets";

export const Route = createFileRoute("/_app/tasks/new")({ component: NewTask });

function NewTask() {
  const navigate = Route.useNavigate();
  const may = useMay("tasks.edit");
  const accounts = useAccounts();
  const choices = choicesOf(accounts.data?.items);
  if (!may) {
    return (
      <Page title="New task">
        <Empty
          title="Your role may not"
          text="A member of the organization can make tasks."
        />
      </Page>
    );
  }
  if (choices?.length === 0) {
    return (
      <Page title="New task">
        <Empty
          title="There is no account to look at yet"
          text="Connect one first; it takes two minutes."
          action={<LinkButton to="/accounts/connect">Connect an account</LinkButton>}
        />
      </Page>
    );
  }
  return (
    <Page title="New task" intro="What to look at, in which accounts, and when.">
      {accounts.error ? (
        <TroubleAlert error={accounts.error} onRetry={() => void accounts.refetch()} />
      ) : null}
      <TaskForm
        accounts={choices}
        labels={labelsOf(accounts.data?.items ?? [])}
        onDone={({ id }) =>
          void navigate({ to: "/tasks/$id", params: { id }, ignoreBlocker: true })
        }
      />
    </Page>
  );
}

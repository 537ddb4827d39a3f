import Box from "@mui/material/Box";
import Button from "@mui/material/Button";
import LinearProgress from "@mui/material/LinearProgress";
import { useSuspenseQuery } from "@tanstack/react-query";
import { createFileRoute } from "@tanstack/react-router";
import { executionQuery, useExplanation, useUnits } from "~/features/executions/queries";
import { UnitDetail } from "~/features/executions/UnitDetail";
import { UnitMatrix } from "~/features/executions/UnitMatrix";
import { statementFor, titleOfCategory } from "~/features/problems/words";
import { Asked } from "~/parts/Asked";
import { Empty } from "~/parts/Empty";
import { ErrorPanel } from "~/parts/ErrorPanel";
import { TextLink } from "~/parts/links";
import { Page, Section } from "~/parts/Page";
import { Status } from "~/parts/Status";
import { idOf, type Search, textOf } from "~/parts/search";
import { TroubleAlert } from "~/parts/TroubleAlert";
import { duration } from "~/parts/time";
import { When } from "~/parts/When";
import { ENDED, ExecutionActions } from "./-ExecutionActions";
import { ExecutionFinds } from "./-ExecutionFinds";

type Shown = { unit?: string; against?: string; verdict?: string };

export const Route = createFileRoute("/_app/executions/$id")({
  validateSearch: (search: Search): Shown => ({
    unit: idOf(search.unit),
    against: idOf(search.against),
    verdict: textOf(search.verdict),
  }),
  loader: ({ context, params }) =>
    context.queries.query({ ...executionQuery(params.id), staleTime: "static" }),
  component: Execution,
});

function Execution() {
  const { id } = Route.useParams();
  const { against, verdict } = Route.useSearch();
  const navigate = Route.useNavigate();
  const { data: execution } = useSuspenseQuery(executionQuery(id));
  const { started_at, finished_at, error } = execution;
  return (
    <Page
      title={execution.task_name}
      intro={
        <Box
          sx={{ display: "flex", flexWrap: "wrap", columnGap: 1, alignItems: "center" }}
        >
          <Status word={execution.status} reason={execution.reason} />
          {execution.verdict ? <Status word={execution.verdict} /> : null}
          <span>
            on{" "}
            <TextLink to="/accounts/$id" params={{ id: execution.aws_account_id }}>
              {execution.account_name}
            </TextLink>
          </span>
          <span>
            · {execution.trigger}, <When at={started_at ?? execution.created_at} />
          </span>
          {started_at && finished_at ? (
            <span>· took {duration(started_at, finished_at)}</span>
          ) : null}
          <span>
            ·{" "}
            <TextLink to="/tasks/$id" params={{ id: execution.task_id }}>
              its task
            </TextLink>
          </span>
        </Box>
      }
      actions={<ExecutionActions id={id} />}
    >
      {ENDED.includes(execution.status) ? null : (
        <LinearProgress aria-label="In progress" sx={{ mb: 2 }} />
      )}
      {error ? (
        <Section title="What failed, why, and how to fix it">
          <ErrorPanel
            error={error}
            title={titleOfCategory(error.category)}
            statement={error.missing_action ? statementFor(error.missing_action) : null}
          />
        </Section>
      ) : null}
      <Units />
      <Story />
      <ExecutionFinds
        id={id}
        against={against}
        verdict={verdict}
        onSearch={(change) =>
          void navigate({
            search: (now) => ({ ...now, ...change }),
            replace: true,
            resetScroll: false,
          })
        }
      />
    </Page>
  );
}

function Units() {
  const { id } = Route.useParams();
  const { unit: chosen } = Route.useSearch();
  const navigate = Route.useNavigate();
  const { data, error, refetch, hasNextPage, fetchNextPage, isFetchingNextPage } =
    useUnits(id);
  const units = data?.pages.flatMap((page) => page.items) ?? [];
  const done = units.filter(
    ({ status }) => status !== "pending" && status !== "running",
  ).length;
  const unit = units.find((one) => one.id === chosen);
  return (
    <>
      <Section
        title="Units"
        padded={false}
        aside={
          <Box sx={{ color: "text.secondary" }}>
            {data ? `${done} of ${units.length}${hasNextPage ? " so far" : ""} done` : ""}
          </Box>
        }
      >
        {error ? (
          <Box sx={{ p: 2 }}>
            <TroubleAlert error={error} onRetry={() => void refetch()} />
          </Box>
        ) : null}
        {data && units.length === 0 ? (
          <Empty title="No units yet" text="They are made when the execution begins." />
        ) : null}
        {data || error ? null : <Box sx={{ height: 180 }} aria-busy="true" />}
        {units.length > 0 ? (
          <UnitMatrix
            units={units}
            chosen={chosen}
            onChoose={({ id: next }) =>
              void navigate({
                search: (now) => ({ ...now, unit: next === chosen ? undefined : next }),
                replace: true,
                resetScroll: false,
              })
            }
          />
        ) : null}
        {hasNextPage ? (
          <Box sx={{ p: 1 }}>
            <Button disabled={isFetchingNextPage} onClick={() => void fetchNextPage()}>
              More units
            </Button>
          </Box>
        ) : null}
      </Section>
      {unit ? (
        <Section title={`${unit.service} ${unit.key} in ${unit.region}`}>
          <Box sx={{ display: "grid", gap: 2 }}>
            {unit.error ? (
              <ErrorPanel
                error={unit.error}
                title={titleOfCategory(unit.error.category)}
                statement={
                  unit.error.missing_action
                    ? statementFor(unit.error.missing_action)
                    : null
                }
              />
            ) : null}
            <UnitDetail unit={unit} />
          </Box>
        </Section>
      ) : null}
    </>
  );
}

function Story() {
  const { id } = Route.useParams();
  const explanation = useExplanation(id);
  return (
    <Section title="What happened">
      <Asked query={explanation} lines={4}>
        {({ sentences }) => (
          <Box component="ol" sx={{ m: 0, pl: 2.5, display: "grid", gap: 0.75 }}>
            {sentences.map(({ at, code, text }, index) => (
              <li key={`${code}-${index}`}>
                {text}{" "}
                <Box component="span" sx={{ color: "text.secondary", fontSize: 12 }}>
                  <When at={at} none="now" />
                </Box>
              </li>
            ))}
          </Box>
        )}
      </Asked>
    </Section>
  );
}

import Alert from "@mui/material/Alert";
import Box from "@mui/material/Box";
import Skeleton from "@mui/material/Skeleton";
import { useQuery } from "@tanstack/react-query";
import { lastOfEach, notRead, placesOf } from "~/features/executions/listings";
import { useExecutionsOf, useResults } from "~/features/executions/queries";
import { tasksQuery } from "~/features/tasks/queries";
import { TextLink } from "~/parts/links";
import { TroubleAlert } from "~/parts/TroubleAlert";
import { When } from "~/parts/When";

const TASKS = 10;
const TOLD = 5;

type Props = {
  account: string | undefined;
  service: string | undefined;
  region: string | undefined;
};

/** Whether the lists below can be whole: what the last listings did not read is missing
 * there, or old. */
export function Listings({ account, service, region }: Props) {
  const tasks = useQuery(tasksQuery({}));
  const listing = (tasks.data?.items ?? []).filter(
    (task) =>
      task.type === "resource_list" &&
      task.enabled &&
      (service === undefined || task.services.includes(service)),
  );
  const asked = listing.slice(0, TASKS).map(({ id }) => id);
  const executions = useExecutionsOf(asked, account);
  const last = lastOfEach(executions.items);
  const results = useResults(last.map(({ id }) => id));
  const error = tasks.error ?? executions.error ?? results.error;
  if (error) return <TroubleAlert error={error} />;
  if (!tasks.data || executions.isPending || results.isPending) {
    return <Skeleton width={320} />;
  }
  const what = service ? `lists ${service}` : "lists resources";
  if (listing.length === 0) {
    return (
      <Alert severity="warning" variant="outlined">
        No enabled task {what}: what is here grows old, and what is new is not seen.{" "}
        <TextLink to="/tasks/new">Make a task</TextLink>
      </Alert>
    );
  }
  const lacking = last.flatMap((execution) => {
    const result = results.items.find((one) => one.execution_id === execution.id);
    const places = result ? notRead(result, { service, region }) : null;
    return places?.length === 0 ? [] : [{ execution, places }];
  });
  const never = last.length === 0;
  if (never || lacking.length > 0) {
    return (
      <Alert severity="warning" variant="outlined">
        {never
          ? "No listing has ended here yet: nothing is known of what is there."
          : "Not everything was read the last time: what is not read is missing below, or old."}
        <Box component="ul" sx={{ m: 0, mt: lacking.length > 0 ? 0.5 : 0, pl: 2.5 }}>
          {lacking.slice(0, TOLD).map(({ execution, places }) => (
            <Box component="li" key={execution.id} sx={{ overflowWrap: "anywhere" }}>
              <TextLink to="/executions/$id" params={{ id: execution.id }}>
                {execution.task_name}
              </TextLink>{" "}
              on {execution.account_name}, <When at={execution.finished_at} />:{" "}
              {places ? placesOf(places) : "nothing was read"}
            </Box>
          ))}
        </Box>
        {lacking.length > TOLD ? `And ${lacking.length - TOLD} more listings.` : null}
      </Alert>
    );
  }
  const [oldest] = last.map(({ finished_at }) => finished_at ?? "").sort();
  return (
    <Box>
      The last listings read all that they were to read; the oldest of them ended{" "}
      <When at={oldest} />.
      {listing.length > TASKS
        ? ` Of the other ${listing.length - TASKS} tasks nothing is said here.`
        : null}
    </Box>
  );
}

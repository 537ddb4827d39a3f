import type { TaskRead } from "~/client";
import { Facts } from "~/parts/Facts";
import { TextLink } from "~/parts/links";

type Props = {
  task: TaskRead;
  /** The accounts or labels, by name. */
  where: string;
  /** Of the tasks that it runs after. */
  names: ReadonlyMap<string, string>;
};

const ENDED = { succeeded: "has succeeded", failed: "has failed", finished: "has ended" };

/** What the task is now; of the rare settings only those that it has. */
export function DefinitionFacts({ task, where, names }: Props) {
  const { retry_policy: retried } = task;
  const rare: (readonly [string, React.ReactNode])[] = [];
  if (task.after.length > 0) {
    const tasks = task.after.map(({ task_id: id, on }) => (
      <div key={id}>
        <TextLink to="/tasks/$id" params={{ id }}>
          {names.get(id) ?? "a task"}
        </TextLink>{" "}
        {ENDED[on]}
      </div>
    ));
    rare.push(["Runs after", tasks]);
  }
  if (retried) {
    const times = retried.retries === 1 ? "once" : `${retried.retries} times`;
    rare.push(["Tried again", `${times}, after ${retried.delay_seconds ?? 60} s`]);
  }
  if (task.overlap === "queue") rare.push(["If not over", "waits for its end"]);
  if (task.priority !== "normal") rare.push(["Priority", task.priority]);
  return (
    <Facts
      facts={[
        [
          "Does",
          task.type === "health_check" ? "checks the health" : "lists the resources",
        ],
        ["Services", task.services.join(", ")],
        [
          "Regions",
          task.regions.includes("all_enabled")
            ? "all that the account has enabled"
            : task.regions.join(", "),
        ],
        [task.targets.selector ? "Labels" : "Accounts", where],
        [
          "On an error",
          task.on_error === "isolate" ? "finishes the rest, and fails" : "stops at once",
        ],
        ["Time limit", `${task.timeout_seconds} s on each account`],
        ["May be late", `by ${task.misfire_grace_seconds} s`],
        ...rare,
        ["Version", String(task.version)],
      ]}
    />
  );
}

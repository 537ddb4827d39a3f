import type { ResourceRead } from "~/client";
import { Status } from "~/parts/Status";
import { When } from "~/parts/When";

type Props = { resource: Pick<ResourceRead, "as_of" | "freshness" | "gone_at"> };

/** When one last looked where it is; what is overdue, or could not be read since, says so. */
export function ReadAt({ resource: { as_of, freshness, gone_at } }: Props) {
  return (
    <>
      {gone_at ? <Status word="gone" /> : null}{" "}
      {freshness === "fresh" ? null : (
        <Status
          word="unknown"
          reason={
            freshness === "stale" ? "the next read is overdue" : "the last read failed"
          }
        />
      )}{" "}
      <span className="aside">
        read <When at={as_of} />
      </span>
    </>
  );
}

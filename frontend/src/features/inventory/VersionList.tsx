import Box from "@mui/material/Box";
import type { PastVersionRead } from "~/client";
import { TextLink } from "~/parts/links";
import { Status } from "~/parts/Status";
import { When } from "~/parts/When";
import { storyOf } from "./versions";

type Props = {
  resourceId: string;
  versions: readonly PastVersionRead[];
  chosen: string | undefined;
  /** Older ones are there that are not shown yet. */
  hasMore: boolean;
};

/** What it was and since when; one of them is looked at. */
export function VersionList({ resourceId, versions, chosen, hasMore }: Props) {
  return (
    <Box component="ol" sx={{ listStyle: "none", m: 0, p: 0 }}>
      {storyOf(versions).map((chapter) =>
        chapter.kind === "absence" ? (
          <Box component="li" key={`absence-${chapter.from}`} sx={ROW}>
            <Status word="gone" /> since <When at={chapter.from} />
            {chapter.until ? (
              <>
                {" "}
                until <When at={chapter.until} />
              </>
            ) : null}
          </Box>
        ) : (
          <Box
            component="li"
            key={chapter.version.id}
            sx={{
              ...ROW,
              bgcolor: chapter.version.id === chosen ? "action.selected" : undefined,
            }}
          >
            <TextLink
              underline="hover"
              to="/inventory/$id"
              params={{ id: resourceId }}
              search={{ version: chapter.version.id }}
              resetScroll={false}
              aria-current={chapter.version.id === chosen ? "true" : undefined}
              sx={{ fontWeight: 550 }}
            >
              {chapter.before || hasMore ? "Changed" : "First seen"}{" "}
              <When at={chapter.version.from_at} />
            </TextLink>
            <Box sx={{ color: "text.secondary", fontSize: 12 }}>
              {chapter.version.until_at ? (
                <>
                  so until <When at={chapter.version.until_at} />
                </>
              ) : (
                "so until now"
              )}
              {chapter.version.from_execution_id ? (
                <>
                  {" · "}
                  <TextLink
                    to="/executions/$id"
                    params={{ id: chapter.version.from_execution_id }}
                  >
                    the execution that read it
                  </TextLink>
                </>
              ) : null}
            </Box>
          </Box>
        ),
      )}
    </Box>
  );
}

const ROW = {
  px: 2,
  py: 1,
  "& + &": { borderTop: 1, borderColor: "divider" },
} as const;

import Box from "@mui/material/Box";
import type { PastVersionRead } from "~/client";
import { Asked } from "~/parts/Asked";
import { CopyBlock } from "~/parts/Copy";
import { differences } from "~/parts/differences";
import { Empty } from "~/parts/Empty";
import { FieldChanges } from "~/parts/FieldChanges";
import { Section } from "~/parts/Page";
import { When } from "~/parts/When";
import { useResourceAt } from "./queries";

type Props = {
  id: string;
  version: PastVersionRead;
  before: PastVersionRead | undefined;
};

/** One version: how it differs from the one before it, and all of it. */
export function VersionChanges({ id, version, before }: Props) {
  const now = useResourceAt(id, version.from_at);
  const then = useResourceAt(id, before?.from_at);
  return (
    <>
      {before ? (
        <Section title="What changed">
          <Asked query={now}>
            {(is) => (
              <Asked query={then}>
                {(was) => {
                  const fields = differences(was.document, is.document);
                  return (
                    <>
                      <Box sx={{ color: "text.secondary", mb: 1.5 }}>
                        Since <When at={version.from_at} />, against what it was since{" "}
                        <When at={before.from_at} />. Of a list, only what the other one
                        lacks.
                      </Box>
                      {fields.length === 0 ? (
                        <Empty
                          title="The same as before"
                          text="It went away, and came back as it was."
                        />
                      ) : (
                        <FieldChanges fields={fields} />
                      )}
                    </>
                  );
                }}
              </Asked>
            )}
          </Asked>
        </Section>
      ) : null}
      <Section title="What AWS answered">
        <Asked query={now} lines={8}>
          {({ document }) => (
            <CopyBlock text={JSON.stringify(document, null, 2)} what="document" />
          )}
        </Asked>
      </Section>
    </>
  );
}

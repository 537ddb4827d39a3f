import Button from "@mui/material/Button";
import Dialog from "@mui/material/Dialog";
import DialogActions from "@mui/material/DialogActions";
import DialogContent from "@mui/material/DialogContent";
import DialogTitle from "@mui/material/DialogTitle";
import { Asked } from "~/parts/Asked";
import { Facts } from "~/parts/Facts";
import { limitInWords } from "~/parts/limits";
import { When } from "~/parts/When";
import { useApiKey } from "./queries";
import { scopeInWords } from "./scopes";
import { kindInWords, stateInWords } from "./state";

/** All that is known of a key; its text is not. */
export function KeyDetail({ id, onClose }: { id: string; onClose: () => void }) {
  const query = useApiKey(id);
  return (
    <Dialog open maxWidth="sm" fullWidth aria-labelledby="key-title" onClose={onClose}>
      <DialogTitle id="key-title" sx={{ overflowWrap: "anywhere" }}>
        {query.data?.name ?? "API key"}
      </DialogTitle>
      <DialogContent>
        <Asked query={query} lines={8}>
          {(key) => (
            <Facts
              facts={[
                ["State", stateInWords(key)],
                ["Kind", kindInWords(key)],
                ["Begins with", key.prefix],
                ["May", key.scopes.map(scopeInWords).join(", ")],
                ["Accounts", limitInWords(key.label_scope) || "No limit of its own"],
                ["Good from", key.allowed_addresses?.join(", ") ?? "Everywhere"],
                ["Made", <When key="made" at={key.created_at} />],
                ["Ends", <When key="ends" at={key.expires_at} />],
                ["Last used", <When key="used" at={key.last_used_at} />],
                ["Revoked", <When key="revoked" at={key.revoked_at} />],
              ]}
            />
          )}
        </Asked>
      </DialogContent>
      <DialogActions>
        <Button color="inherit" onClick={onClose}>
          Close
        </Button>
      </DialogActions>
    </Dialog>
  );
}

import Box from "@mui/material/Box";
import Button from "@mui/material/Button";
import Dialog from "@mui/material/Dialog";
import DialogActions from "@mui/material/DialogActions";
import DialogContent from "@mui/material/DialogContent";
import DialogTitle from "@mui/material/DialogTitle";
import { useState } from "react";
import { useForm } from "react-hook-form";
import type { OrganizationRead } from "~/client";
import { Field, FormTrouble, placeErrors } from "~/parts/form";
import { useDelete } from "./queries";

type Props = { organization: OrganizationRead; onClose: () => void };

/** Names what will happen, and asks for the name, so that it is no other organization. */
export function DeletionDialog({ organization, onClose }: Props) {
  const ask = useDelete();
  const [placed, setPlaced] = useState(false);
  const form = useForm({ defaultValues: { name: "" } });
  const submit = form.handleSubmit(({ name }) => {
    if (name.trim() !== organization.name) {
      form.setError("name", { message: `Write “${organization.name}” to go on.` });
      return;
    }
    ask.mutate(
      { body: { name: name.trim() } },
      {
        onSuccess: onClose,
        onError: (error) => setPlaced(placeErrors(form, error, ["name"])),
      },
    );
  });
  return (
    <Dialog open onClose={onClose} maxWidth="xs" fullWidth aria-labelledby="delete-title">
      <form noValidate onSubmit={submit}>
        <DialogTitle id="delete-title">Delete {organization.name}?</DialogTitle>
        <DialogContent>
          <FormTrouble error={ask.error} placed={placed} />
          <Box component="ul" sx={{ mt: 0, pl: 2.5 }}>
            <li>
              In two weeks its AWS accounts, tasks, results, inventory, members, keys and
              audit log are deleted. Nothing of them can be had back.
            </li>
            <li>
              Until then it works as always, can be exported, and any owner can keep it.
            </li>
            <li>A subscription ends with what is paid for.</li>
            <li>Every owner is told by mail.</li>
            <li>Nothing in your AWS accounts is changed: the roles there stay.</li>
          </Box>
          <Field
            form={form}
            name="name"
            label={`The name: ${organization.name}`}
            autoComplete="off"
            autoFocus
            sx={{ mt: 1 }}
          />
        </DialogContent>
        <DialogActions>
          <Button color="inherit" onClick={onClose}>
            Cancel
          </Button>
          <Button
            type="submit"
            variant="contained"
            color="error"
            disabled={ask.isPending}
          >
            Delete in two weeks
          </Button>
        </DialogActions>
      </form>
    </Dialog>
  );
}

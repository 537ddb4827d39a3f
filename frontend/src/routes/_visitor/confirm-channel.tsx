import Stack from "@mui/material/Stack";
import { createFileRoute, useLocation } from "@tanstack/react-router";
import { useConfirmChannel } from "~/features/notifications/queries";
import { tokenOf } from "~/features/session/fields";
import { FormTrouble, Submit, Told } from "~/parts/form";
import { Page } from "~/parts/Page";

export const Route = createFileRoute("/_visitor/confirm-channel")({
  component: ConfirmChannel,
});

/** Whoever reads an address agrees to be told there; it needs no account. Confirmed by a
 * click, for programs that look at mails open their links. */
function ConfirmChannel() {
  const token = tokenOf(useLocation().hash);
  const confirm = useConfirmChannel();
  if (confirm.isSuccess) {
    return (
      <Page title="Notices come to your address">
        <Told>You can close this page. Who set this up can end it at any time.</Told>
      </Page>
    );
  }
  return (
    <Page
      title="Do you want notices at your address?"
      intro="Somebody asks that notices of Cloudrota be sent to the address that this link was mailed to. If you do not know who, close this page: nothing is sent."
    >
      <Stack
        component="form"
        spacing={2}
        onSubmit={(event) => {
          event.preventDefault();
          confirm.mutate({ body: { token } });
        }}
      >
        <FormTrouble error={confirm.error} placed={false} />
        {token ? (
          <Submit busy={confirm.isPending} fullWidth>
            Yes, send them to me
          </Submit>
        ) : (
          <span>This link is not whole. Copy all of it from the mail.</span>
        )}
      </Stack>
    </Page>
  );
}

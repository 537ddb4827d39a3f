import Button from "@mui/material/Button";
import { createFileRoute } from "@tanstack/react-router";
import { DeleteButton } from "~/features/notifications/DeleteButton";
import { Deliveries } from "~/features/notifications/Deliveries";
import { EndpointSwitch } from "~/features/notifications/EnabledSwitch";
import { EndpointFacts } from "~/features/notifications/EndpointFacts";
import { EndpointForm } from "~/features/notifications/EndpointForm";
import { Guarded } from "~/features/notifications/Guarded";
import { logSearch } from "~/features/notifications/places";
import {
  endpointQuery,
  useDeleteEndpoint,
  useEndpoint,
} from "~/features/notifications/queries";
import { RotateButton } from "~/features/notifications/RotateButton";
import { TestButton } from "~/features/notifications/TestButton";
import { useMay } from "~/features/session/queries";
import { TextLink } from "~/parts/links";
import { Page, Section } from "~/parts/Page";

export const Route = createFileRoute("/_app/notifications/endpoints/$id")({
  validateSearch: logSearch,
  loader: ({ context, params }) =>
    context.queries.query({ ...endpointQuery(params.id), staleTime: "static" }),
  component: EndpointPage,
});

function EndpointPage() {
  const { id } = Route.useParams();
  const search = Route.useSearch();
  const navigate = Route.useNavigate();
  const { data: endpoint } = useEndpoint(id);
  const may = useMay("notifications.edit");
  const deleting = useDeleteEndpoint();
  const show = (next: typeof search, ignoreBlocker = false) =>
    void navigate({ search: next, ignoreBlocker });
  const away = () =>
    void navigate({ to: "/notifications", search: { tab: "endpoints" } });
  return (
    <Page
      title={endpoint.name}
      intro={
        <>
          {endpoint.url} ·{" "}
          <TextLink to="/notifications" search={{ tab: "endpoints" }}>
            a webhook endpoint
          </TextLink>
        </>
      }
      actions={
        <>
          <EndpointSwitch of={endpoint} may={may} />
          <RotateButton endpoint={endpoint} may={may} />
          <Guarded
            may={may}
            size="small"
            variant="outlined"
            onClick={() => show({ ...search, edit: true })}
          >
            Edit
          </Guarded>
          <DeleteButton
            of={endpoint}
            what="the endpoint"
            means="No event is posted there any more, and its secret is destroyed. What was told stays on record. It can be undone for some seconds."
            may={may}
            deleting={deleting}
            onDone={away}
          />
          <TestButton kind="endpoint" of={endpoint} may={may} />
        </>
      }
    >
      {search.edit && may ? (
        <Section
          title="Change it"
          aside={
            <Button size="small" onClick={() => show({ ...search, edit: undefined })}>
              Leave it as it is
            </Button>
          }
        >
          <EndpointForm
            endpoint={endpoint}
            onSaved={() => show({ ...search, edit: undefined }, true)}
          />
        </Section>
      ) : (
        <Section title="How it stands">
          <EndpointFacts endpoint={endpoint} />
        </Section>
      )}
      <Deliveries
        to={{ kind: "endpoint", of: endpoint }}
        may={may}
        search={search}
        onSearch={(next) => show({ ...next, edit: search.edit })}
      />
    </Page>
  );
}

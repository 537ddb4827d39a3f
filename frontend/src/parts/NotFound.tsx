import { Empty } from "./Empty";
import { LinkButton } from "./links";

/** Unknown and not allowed look the same, here as in the API. */
export function NotFound() {
  return (
    <Empty
      title="There is nothing here"
      text="It was deleted, it never was, or you may not see it in this organization."
      action={<LinkButton to="/">Go to the dashboard</LinkButton>}
    />
  );
}

import Button, { type ButtonProps } from "@mui/material/Button";
import Tooltip from "@mui/material/Tooltip";

export const WHY_NOT = "An owner or admin who sees all accounts can change this.";

type Props = ButtonProps & { may: boolean };

/** A button that says why one may not press it. */
export function Guarded({ may, disabled = false, ...rest }: Props) {
  return (
    <Tooltip title={may ? "" : WHY_NOT}>
      <span>
        <Button {...rest} disabled={!may || disabled} />
      </span>
    </Tooltip>
  );
}

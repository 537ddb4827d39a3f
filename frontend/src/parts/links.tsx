// MUI's links and buttons that the router knows.
import Button, { type ButtonProps } from "@mui/material/Button";
import MuiLink, { type LinkProps } from "@mui/material/Link";
import { createLink } from "@tanstack/react-router";
import type { Ref } from "react";

export const TextLink = createLink(function Anchor({
  ref,
  ...rest
}: LinkProps & { ref?: Ref<HTMLAnchorElement> }) {
  return <MuiLink ref={ref} {...rest} />;
});

export const LinkButton = createLink(function ButtonAnchor({
  ref,
  ...rest
}: ButtonProps<"a"> & { ref?: Ref<HTMLAnchorElement> }) {
  return <Button ref={ref} component="a" variant="contained" {...rest} />;
});

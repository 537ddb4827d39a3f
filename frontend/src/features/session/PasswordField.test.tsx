// @vitest-environment jsdom
import { cleanup, render, screen } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { useForm } from "react-hook-form";
import { afterEach, expect, it } from "vitest";
import { PasswordField } from "./PasswordField";

function Form() {
  const form = useForm({ defaultValues: { password: "" } });
  return (
    <PasswordField
      form={form}
      name="password"
      label="Password"
      autoComplete="current-password"
    />
  );
}

const field = () => screen.getByLabelText<HTMLInputElement>("Password");

afterEach(cleanup);

it("hides what is typed until one asks to see it", async () => {
  render(<Form />);
  const user = userEvent.setup();
  await user.type(field(), "a quiet walk");
  expect(field().type).toBe("password");
  await user.click(screen.getByRole("button", { name: "Show the password" }));
  expect(field().type).toBe("text");
  await user.click(screen.getByRole("button", { name: "Hide the password" }));
  expect(field().type).toBe("password");
});

it("takes what is pasted, and tells password managers what it is", async () => {
  render(<Form />);
  const user = userEvent.setup();
  await user.click(field());
  await user.paste("kept elsewhere");
  expect(field().value).toBe("kept elsewhere");
  expect(field().autocomplete).toBe("current-password");
});

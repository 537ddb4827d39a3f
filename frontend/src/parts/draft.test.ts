import { expect, it } from "vitest";
import { over } from "./draft";

it("brings back what was typed, and not what was only shown", () => {
  const base = { name: "Health", services: ["ec2"], note: "" };
  const typed = { ...base, services: ["ec2", "rds"] };
  const now = { ...base, name: "Renamed meanwhile" };
  expect(over(now, { base, typed })).toEqual({
    name: "Renamed meanwhile",
    services: ["ec2", "rds"],
    note: "",
  });
});

it("leaves what the form does not have, and what was never kept", () => {
  const base = { name: "", secret: "" };
  const typed = { name: "Kept", old: 1 } as unknown as typeof base;
  expect(over(base, { base, typed })).toEqual({ name: "Kept", secret: "" });
});

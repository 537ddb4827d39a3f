// What the form of a new key holds, and what is sent of it.
import { z } from "zod";
import type { ApiKeyInput, Permission } from "~/client";
import { endOfDay, limitOf, wrongIn } from "~/parts/limits";

export const LIFETIMES = {
  "30": "30 days",
  "90": "90 days",
  "365": "A year",
  day: "Until a day of my choice",
  never: "It does not end",
} as const;
type Lifetime = keyof typeof LIFETIMES;

export const keyShape = z
  .object({
    name: z
      .string()
      .trim()
      .min(1, "Name what uses it.")
      .max(120, "At most 120 characters."),
    kind: z.enum(["personal", "service"]),
    scopes: z.array(z.custom<Permission>()).min(1, "Choose what it is for."),
    lines: z
      .array(z.object({ label: z.string(), values: z.array(z.string()).readonly() }))
      .superRefine((typed, context) => {
        const wrong = wrongIn(typed);
        if (wrong) context.addIssue({ code: "custom", message: wrong });
      }),
    addresses: z.string(),
    lifetime: z.enum(Object.keys(LIFETIMES) as [Lifetime, ...Lifetime[]]),
    until: z.string(),
  })
  .refine(({ lifetime, until }) => lifetime !== "day" || endOfDay(until), {
    path: ["until"],
    message: "Choose the day.",
  });
export type NewKey = z.infer<typeof keyShape>;

export const EMPTY_KEY: NewKey = {
  name: "",
  kind: "personal",
  scopes: [],
  lines: [],
  addresses: "",
  lifetime: "365",
  until: "",
};

const DAY_MS = 86_400_000;

export function keyOf(typed: NewKey, now = Date.now()): ApiKeyInput {
  // However they were pasted: one a line, with commas, with spaces.
  const addresses = typed.addresses.split(/[\s,;]+/).filter(Boolean);
  return {
    name: typed.name,
    kind: typed.kind,
    scopes: typed.scopes,
    label_scope: limitOf(typed.lines),
    allowed_addresses: addresses.length > 0 ? addresses : null,
    expires_at: endOf(typed, now),
  };
}

function endOf({ lifetime, until }: NewKey, now: number): string | null {
  if (lifetime === "never") return null;
  if (lifetime === "day") return endOfDay(until);
  return new Date(now + Number(lifetime) * DAY_MS).toISOString();
}

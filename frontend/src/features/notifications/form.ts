// What the forms here have in common.
import { useBlocker } from "@tanstack/react-router";
import type { FieldPath, FieldValues, UseFormReturn } from "react-hook-form";
import { byField, troubleOf } from "~/api/problem";

/** Which field what is wrong at this place is said at: of a list the list. */
export function fieldAt<T extends string>(
  place: string,
  fields: readonly T[],
): T | undefined {
  const inside = place.replace(/^rule\./, "");
  return fields.find((field) => inside === field || inside.startsWith(`${field}.`));
}

/** Put what the server found wrong beside its fields; false where some of it has none. */
export function placeWithin<T extends FieldValues>(
  form: UseFormReturn<T>,
  error: unknown,
  fields: readonly FieldPath<T>[],
): boolean {
  const wrong = byField(troubleOf(error));
  let placed = 0;
  for (const [place, message] of wrong) {
    const field = fieldAt(place, fields);
    if (field) {
      form.setError(field, { type: "server", message }, { shouldFocus: placed === 0 });
      placed += 1;
    }
  }
  return placed > 0 && placed === wrong.size;
}

/** Ask before what was typed is left behind. */
export function useKept(isTouched: boolean): void {
  useBlocker({
    shouldBlockFn: () => isTouched && !window.confirm("Leave, and lose what you typed?"),
    enableBeforeUnload: () => isTouched,
  });
}

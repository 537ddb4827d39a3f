import type { FieldPath, FieldValues, UseFormReturn } from "react-hook-form";
import { byField, troubleOf } from "~/api/problem";

/** Like `placeErrors`, where the form has other names than the server, which may also be
 * about a part of a field: `scopes.3` is of `scopes`. */
export function placeAs<T extends FieldValues>(
  form: UseFormReturn<T>,
  error: unknown,
  names: Readonly<Record<string, FieldPath<T>>>,
): boolean {
  const wrong = byField(troubleOf(error));
  let placed = 0;
  for (const [said, message] of wrong) {
    const field = names[said] ?? names[said.split(".")[0] ?? ""];
    if (field) {
      form.setError(field, { type: "server", message }, { shouldFocus: placed === 0 });
      placed += 1;
    }
  }
  return placed > 0 && placed === wrong.size;
}

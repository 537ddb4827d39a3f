// What was typed into a form and not sent yet, kept in this tab: it survives a reload, a
// way to another page and back, and a session that ended.
import { useEffect, useState } from "react";
import type { FieldValues, UseFormReturn } from "react-hook-form";
import { draftOf, dropDraft, keepDraft } from "~/api/drafts";

/** With what the form began, and what it held then. */
type Draft<T> = { base: T; typed: T };

const same = (a: unknown, b: unknown): boolean => JSON.stringify(a) === JSON.stringify(b);

/** What was typed, over what the form begins with now: a field that nobody touched shows
 * the present value and not the one of then. Members that the form has no more are left. */
export function over<T extends FieldValues>(now: T, { base, typed }: Draft<T>): T {
  const touched = Object.keys(now).filter(
    (name) => name in typed && !same(base[name], typed[name]),
  );
  return { ...now, ...Object.fromEntries(touched.map((name) => [name, typed[name]])) };
}

type Kept = {
  /** Something that was typed before is back. */
  isBack: boolean;
  /** Sent, or not wanted any more. */
  drop: () => void;
};

const NOTHING: readonly never[] = [];

/** With what the form begins; `typed` where something else was kept. */
function beginning<T extends FieldValues>(form: UseFormReturn<T>, name: string) {
  const base = form.formState.defaultValues as T;
  const kept = draftOf(name) as Draft<T> | null;
  const typed = kept && over(base, kept);
  return { base, typed: typed && !same(base, typed) ? typed : null };
}

/** Keep what is typed into this form under a name; `never` are fields that are secret; they are
 * one list, not made anew at each rendering. */
export function useDraft<T extends FieldValues>(
  form: UseFormReturn<T>,
  name: string,
  never: readonly (keyof T & string)[] = NOTHING,
): Kept {
  const [begun] = useState(() => beginning(form, name));
  const [isBack, setBack] = useState(begun.typed !== null);
  const { subscribe, reset } = form;
  useEffect(() => {
    const { base, typed } = begun;
    if (typed) reset(typed, { keepDefaultValues: true });
    return subscribe({
      formState: { values: true },
      callback: ({ values }) => {
        const open = Object.entries(values).filter(([field]) => !never.includes(field));
        if (open.every(([field, value]) => same(base[field], value))) dropDraft(name);
        else keepDraft(name, { base, typed: Object.fromEntries(open) });
      },
    });
  }, [begun, name, never, reset, subscribe]);
  return {
    isBack,
    drop: () => {
      dropDraft(name);
      setBack(false);
    },
  };
}

// What is changed is what was read: who saved in between is met, and not overwritten unseen.
import { useMutation } from "@tanstack/react-query";
import { useState } from "react";
import { troubleOf } from "~/api/problem";

/** As it was read, with the server's word for what of it can be edited. */
export type Tagged<T> = T & { tag: string };
type Read = Tagged<{ id: string; secret_version?: number }>;

const STALE = 412;

type Of<R extends Read> = {
  /** As it is known now; none for a new one. */
  one: R | undefined;
  /** Reads it anew. */
  read: (id: string) => Promise<R>;
  /** What of it the form holds. */
  typedOf: (one: R) => unknown;
};

/** What others see of it may change meanwhile, a switch for one: that is no other's edit. */
const isSame = <R extends Read>(a: R, b: R, typedOf: (one: R) => unknown): boolean =>
  a.secret_version === b.secret_version &&
  JSON.stringify(typedOf(a)) === JSON.stringify(typedOf(b));

export function useMeeting<R extends Read>({ one, read, typedOf }: Of<R>) {
  const [begun, setBegun] = useState(one);
  const [isMet, setMet] = useState(false);
  const reading = useMutation({
    mutationFn: (id: string) => read(id),
    onSuccess: (latest) => {
      setBegun(latest);
      setMet(true);
    },
  });
  const base = one && begun && isSame(one, begun, typedOf) ? one : begun;
  return {
    base,
    isMet,
    error: reading.error,
    headers: { "if-match": base?.tag },
    /** Whether it was that somebody else saved first; then it is read anew. */
    met: (error: unknown, then: () => void): boolean => {
      const isStale = troubleOf(error).status === STALE && base !== undefined;
      if (isStale) reading.mutate(base.id, { onSuccess: then });
      return isStale;
    },
    end: () => setMet(false),
  };
}

// What went wrong, typed: the API's problem+json, or that no answer came at all.
import { isAxiosError } from "axios";
import type { Problem } from "~/client";

export type Trouble = Pick<Problem, "title" | "detail" | "code" | "errors"> & {
  /** 0 where no answer came. */
  status: number;
  requestId: string | null;
  /** Seconds until it makes sense to ask again; null where nothing was said. */
  retryAfter: number | null;
};

const AWAY: Trouble = {
  status: 0,
  code: "offline",
  title: "The server could not be reached",
  detail: "Nothing is lost. Look at your connection, then try again.",
  errors: [],
  requestId: null,
  retryAfter: null,
};
const OURS: Trouble = {
  ...AWAY,
  code: "console",
  title: "The console itself failed",
  detail: "Reload the page. If it happens again, tell who runs this installation.",
};

/** Any error that a query, a mutation or a page ended with. */
export function troubleOf(error: unknown): Trouble {
  if (!isAxiosError(error)) return OURS;
  const { response } = error;
  if (!response) return AWAY;
  const headers = response.headers as Record<string, string | undefined>;
  const said = response.data as Partial<Problem> | undefined;
  return {
    status: response.status,
    code: said?.code ?? "error",
    title: said?.title ?? `The server answered ${response.status}`,
    detail: said?.detail ?? "Try again in a moment.",
    errors: said?.errors ?? [],
    requestId: headers["x-request-id"] ?? null,
    retryAfter: Number(headers["retry-after"]) || null,
  };
}

/** By field, what is wrong with it: `/schedule/time` is of the field `schedule.time`. */
export function byField(trouble: Trouble): Map<string, string> {
  return new Map(
    trouble.errors.map((one) => [
      one.pointer.replace(/^\//, "").replaceAll("/", "."),
      one.message,
    ]),
  );
}

// Which resources are wanted: as it stands in the URL, and as the server is asked.
import type { ListResourcesData } from "~/client";
import { idOf, oneOf, type Search, textOf } from "~/parts/search";

export const PRESENCES = ["present", "gone", "any"] as const;
export const VERDICTS = [
  "unhealthy",
  "degraded",
  "unknown",
  "in_transition",
  "healthy",
  "inactive",
  "reachable",
  "excluded",
] as const;
const MOST_TAGS = 10;

export type Wanted = {
  q?: string;
  account?: string;
  service?: string;
  type?: string;
  region?: string;
  state?: string;
  verdict?: (typeof VERDICTS)[number];
  presence?: (typeof PRESENCES)[number];
  tag?: string[];
};

/** What makes no sense is left out: a URL may hold anything. */
export function wantedOf(search: Search): Wanted {
  const presence = oneOf(search.presence, PRESENCES);
  return {
    q: textOf(search.q),
    account: idOf(search.account),
    service: textOf(search.service),
    type: textOf(search.type),
    region: textOf(search.region),
    state: textOf(search.state),
    verdict: oneOf(search.verdict, VERDICTS),
    presence: presence === "present" ? undefined : presence,
    tag: tagsOf(search.tag),
  };
}

function tagsOf(value: unknown): string[] | undefined {
  const said: unknown[] = Array.isArray(value) ? value : [value];
  const tags = said.flatMap((one) => textOf(one) ?? []);
  return tags.length > 0 ? [...new Set(tags)].slice(0, MOST_TAGS) : undefined;
}

type Query = NonNullable<ListResourcesData["query"]>;

export function queryOf({ account, tag, ...same }: Wanted): Query {
  const said = { ...same, account_id: account, tag };
  return Object.fromEntries(
    Object.entries(said).filter(([, value]) => value !== undefined),
  );
}

/** Whether anything but the whole inventory is wanted. */
export const isNarrowed = (wanted: Wanted): boolean =>
  Object.keys(queryOf(wanted)).length > 0;

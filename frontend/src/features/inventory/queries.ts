// The inventory: resources of all accounts, one with its document, and its versions.
import { keepPreviousData, useInfiniteQuery, useQuery } from "@tanstack/react-query";
import { exportResources } from "~/client";
import {
  countResourcesOptions,
  getResourceOptions,
  listHistoryInfiniteOptions,
  listResourcesInfiniteOptions,
  readServiceOptions,
} from "~/client/@tanstack/react-query.gen";
import type { FileFormat } from "~/parts/ExportMenu";
import { queryOf, type Wanted } from "./wanted";

const ROWS = 50;
const VERSIONS = 50;
const COUNTED_MS = 300_000;

export function useResources(wanted: Wanted) {
  return useInfiniteQuery({
    ...listResourcesInfiniteOptions({ query: { limit: ROWS, ...queryOf(wanted) } }),
    initialPageParam: {},
    getNextPageParam: (page) => page.next_cursor ?? undefined,
    placeholderData: keepPreviousData,
  });
}

/** By day, of an account, a service, or all; other filters do not narrow what a read held. */
export const useCounts = ({ account, service }: Wanted) =>
  useQuery({
    ...countResourcesOptions({ query: { account_id: account, service } }),
    staleTime: COUNTED_MS,
  });

/** The file of all that is wanted, however much: it is streamed, without a time limit. */
export const exportWanted = (wanted: Wanted) => (format: FileFormat) =>
  exportResources({
    query: { format, ...queryOf(wanted) },
    responseType: "blob",
    timeout: 0,
  });

/** The types that a service's listings tell of. */
export const useTypesOf = (service: string | undefined) =>
  useQuery({
    ...readServiceOptions({ path: { service: service ?? "" } }),
    enabled: service !== undefined,
    staleTime: Number.POSITIVE_INFINITY,
    select: ({ operation_list }) => [...new Set(operation_list.map(({ type }) => type))],
  });

export const resourceQuery = (id: string) => getResourceOptions({ path: { id } });

/** As it was at an instant; what was, stays so. */
export const useResourceAt = (id: string, at: string | undefined) =>
  useQuery({
    ...getResourceOptions({ path: { id }, query: { at: at ?? null } }),
    enabled: at !== undefined,
    staleTime: Number.POSITIVE_INFINITY,
  });

export function useVersions(id: string) {
  return useInfiniteQuery({
    ...listHistoryInfiniteOptions({ path: { id }, query: { limit: VERSIONS } }),
    initialPageParam: { path: { id } },
    getNextPageParam: (page) => page.next_cursor ?? undefined,
  });
}

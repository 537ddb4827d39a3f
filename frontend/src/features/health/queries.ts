// Verdicts by account and service.
import { useQuery } from "@tanstack/react-query";
import { A_PAGE, everyPage } from "~/api/pages";
import { listHealth } from "~/client";
import {
  listHealthOptions,
  listHealthQueryKey,
  summarizeHealthOptions,
} from "~/client/@tanstack/react-query.gen";

/** How many accounts have which verdict, and those to be looked at first. */
export const useHealthSummary = () => useQuery(summarizeHealthOptions());

export const useHealthOf = (accountId: string) =>
  useQuery(listHealthOptions({ query: { account_id: accountId } }));

/** Of each account. */
export const useEveryHealth = () =>
  useQuery({
    queryKey: [...listHealthQueryKey(), "every"],
    queryFn: ({ signal }) =>
      everyPage(async (cursor) => {
        const query = { limit: A_PAGE, cursor };
        return (await listHealth({ query, signal })).data;
      }),
  });

// Verdicts by account and service.
import { useQuery } from "@tanstack/react-query";
import { listHealthOptions } from "~/client/@tanstack/react-query.gen";

const MOST = 100;

export const useHealth = (accountId?: string) =>
  useQuery(listHealthOptions({ query: { limit: MOST, account_id: accountId ?? null } }));

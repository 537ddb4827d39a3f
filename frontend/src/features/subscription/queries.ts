// The plan, what is used of it, and the ways to pay. Stripe's own pages do the rest.
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useEffect } from "react";
import {
  listMonthsOptions,
  listPlansOptions,
  openCheckoutMutation,
  openPortalMutation,
  readSubscriptionOptions,
  readUsageOptions,
} from "~/client/@tanstack/react-query.gen";
import { isAwaited } from "./words";

const LOOK_EVERY_MS = 2_000;
const NOW_AND_THEN_MS = 300_000;

/** No event tells of it: it is looked at now and then, and at each return to the tab. */
export function useSubscription() {
  return useQuery({ ...readSubscriptionOptions(), refetchInterval: NOW_AND_THEN_MS });
}

/** After the checkout: looked at again until Stripe has told what was bought. */
export function useBought(hasPaid: boolean) {
  const queries = useQueryClient();
  const subscription = useQuery({
    ...readSubscriptionOptions(),
    refetchInterval: ({ state }) =>
      hasPaid && isAwaited(state.data?.standing.state) ? LOOK_EVERY_MS : NOW_AND_THEN_MS,
  });
  const plan = subscription.data?.plan_code;
  useEffect(() => {
    if (!hasPaid || !plan) return;
    for (const _id of ["listPlans", "readUsage"]) {
      void queries.invalidateQueries({ queryKey: [{ _id }] });
    }
  }, [hasPaid, plan, queries]);
  return subscription;
}

export const usePlans = () => useQuery(listPlansOptions());

export const useUsage = (may: boolean) =>
  useQuery({ ...readUsageOptions(), enabled: may });

export const useMonths = (may: boolean) =>
  useQuery({ ...listMonthsOptions(), enabled: may });

const leave = ({ url }: { url: string }) => window.location.assign(url);

export const useCheckout = () =>
  useMutation({ ...openCheckoutMutation(), onSuccess: leave });

export const usePortal = () => useMutation({ ...openPortalMutation(), onSuccess: leave });

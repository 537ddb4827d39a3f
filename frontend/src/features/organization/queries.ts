// The organization itself: its name, what it asks of its members, its end.
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { exportOrganization } from "~/client";
import {
  deleteOrganizationMutation,
  keepOrganizationMutation,
  readOrganizationOptions,
  updateOrganizationMutation,
} from "~/client/@tanstack/react-query.gen";

const EXPORT_MS = 600_000;

export const useOrganization = () => useQuery(readOrganizationOptions());

/** What shows the organization, here and in the frame around the page. */
function useRenew() {
  const queries = useQueryClient();
  return async () => {
    await Promise.all(
      ["readOrganization", "me"].map((_id) =>
        queries.invalidateQueries({ queryKey: [{ _id }] }),
      ),
    );
  };
}

export function useUpdate() {
  const onSuccess = useRenew();
  return useMutation({ ...updateOrganizationMutation(), onSuccess });
}

export function useDelete() {
  const onSuccess = useRenew();
  return useMutation({ ...deleteOrganizationMutation(), onSuccess });
}

export function useKeep() {
  const onSuccess = useRenew();
  return useMutation({ ...keepOrganizationMutation(), onSuccess });
}

/** All that the organization has, as the server sends it. */
export const askExport = () =>
  exportOrganization({ responseType: "blob", timeout: EXPORT_MS });

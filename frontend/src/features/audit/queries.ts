// The audit log, the ends of its chain, and the log as a file.
import { keepPreviousData, useInfiniteQuery, useMutation } from "@tanstack/react-query";
import { keepFile } from "~/api/files";
import { exportAuditLog } from "~/client";
import {
  listAuditEventsInfiniteOptions,
  listAuditHeadsInfiniteOptions,
} from "~/client/@tanstack/react-query.gen";
import { type AuditFilter, askedOf } from "./filters";

const EVENTS = 50;
const HEADS = 5;
const EXPORT_MS = 600_000;

export const useEvents = (filter: AuditFilter) =>
  useInfiniteQuery({
    ...listAuditEventsInfiniteOptions({ query: { limit: EVENTS, ...askedOf(filter) } }),
    initialPageParam: {},
    getNextPageParam: ({ next_cursor }) => next_cursor,
    placeholderData: keepPreviousData,
  });

export const useHeads = () =>
  useInfiniteQuery({
    ...listAuditHeadsInfiniteOptions({ query: { limit: HEADS } }),
    initialPageParam: {},
    getNextPageParam: ({ next_cursor }) => next_cursor,
  });

/** All that the filters leave, made by the server, not only what is shown. */
export const useExport = () =>
  useMutation({
    mutationFn: async (filter: AuditFilter) => {
      const { data } = await exportAuditLog({
        query: { format: "csv", ...askedOf(filter) },
        responseType: "blob",
        timeout: EXPORT_MS,
      });
      keepFile(data, "audit-log.csv");
    },
  });

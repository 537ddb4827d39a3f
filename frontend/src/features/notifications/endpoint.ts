// What is typed of a webhook endpoint, in the shape that the API takes.
import { z } from "zod";
import type { EndpointInput, EndpointRead, NoticeEvent } from "~/client";
import { labelsOf, typedLabels, UNREADABLE } from "./labels";

export const endpointShape = z.object({
  name: z.string().trim().min(1, "Write a name.").max(120),
  url: z
    .string()
    .trim()
    .regex(/^https:\/\/./, "Write a URL that begins with https://."),
  events: z.array(z.string()).min(1, "Choose at least one event."),
  label_scope: z.string().refine((typed) => labelsOf(typed) !== undefined, UNREADABLE),
});

export type EndpointTyped = z.infer<typeof endpointShape>;

export const ENDPOINT_FIELDS = ["name", "url", "events", "label_scope"] as const;

export const typedEndpoint = (endpoint?: EndpointRead): EndpointTyped => ({
  name: endpoint?.name ?? "",
  url: endpoint?.url ?? "",
  events: endpoint?.events ?? ["problem.opened", "problem.closed"],
  label_scope: typedLabels(endpoint?.label_scope),
});

export const endpointBody = (typed: EndpointTyped): EndpointInput => ({
  name: typed.name,
  url: typed.url,
  events: typed.events as NoticeEvent[],
  label_scope: labelsOf(typed.label_scope) ?? null,
});

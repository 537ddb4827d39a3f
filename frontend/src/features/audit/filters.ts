// What the log is filtered by: as its address has it, and as the API is asked.
import { idOf, type Search, textOf } from "~/parts/search";

export type AuditFilter = {
  who?: string;
  action?: string;
  subject?: string;
  id?: string;
  /** Days, both included, in the reader's zone. */
  from?: string;
  to?: string;
};

type Asked = {
  actor?: string;
  action?: string;
  subject_type?: string;
  subject_id?: string;
  from?: string;
  to?: string;
};

function dayIn(value: unknown): string | undefined {
  const day = textOf(value);
  return day && /^\d{4}-\d{2}-\d{2}$/.test(day) && startOf(day) ? day : undefined;
}

function startOf(day: string, later = 0): string | undefined {
  const at = new Date(`${day}T00:00:00`);
  if (Number.isNaN(at.getTime())) return undefined;
  // By the calendar: a day is not always 24 hours.
  at.setDate(at.getDate() + later);
  return at.toISOString();
}

/** A value that makes no sense is no filter. */
export function filterOf(search: Search): AuditFilter {
  return {
    who: textOf(search.who),
    action: textOf(search.action),
    subject: textOf(search.subject),
    id: idOf(search.id),
    from: dayIn(search.from),
    to: dayIn(search.to),
  };
}

export function askedOf({ who, action, subject, id, from, to }: AuditFilter): Asked {
  const asked: Asked = {
    actor: who,
    action,
    subject_type: subject,
    subject_id: id,
    from: from && startOf(from),
    to: to && startOf(to, 1),
  };
  return Object.fromEntries(Object.entries(asked).filter(([, value]) => value));
}

export const isFiltered = (filter: AuditFilter): boolean =>
  Object.keys(askedOf(filter)).length > 0;

// Who is signed in, in this tab: the access token lives in memory alone, the refresh token
// in a cookie that no script can read.
import axios from "axios";
import { dropDrafts } from "./drafts";

type Granted = { access_token: string; expires_in: number; organization_id?: string };

/** `unknown` until asked, `ended` where somebody was signed in and must sign in again. */
type Standing = "unknown" | "signed_in" | "signed_out" | "ended";

const REFRESH_BEFORE_MS = 30_000;
const TAB = "cloudrota-organization";

let token = "";
let renewAt = 0;
let standing: Standing = "unknown";
let refreshing: Promise<void> | null = null;
const listeners = new Set<() => void>();

// Without the interceptors of the API's client, which would ask for a refresh again.
const bare = axios.create({
  headers: { "X-Cloudrota-CSRF": "1" },
  timeout: 30_000,
});

export function standingOfSession(): Standing {
  return standing;
}

export function onStanding(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

function become(next: Standing): void {
  if (standing !== next) {
    standing = next;
    for (const listener of listeners) listener();
  }
}

/** Which organization this tab is in, whatever another tab switched to. */
function organizationOfTab(): string | null {
  return sessionStorage.getItem(TAB);
}

export function take(granted: Granted): void {
  token = granted.access_token;
  renewAt = Date.now() + granted.expires_in * 1000 - REFRESH_BEFORE_MS;
  if (granted.organization_id) sessionStorage.setItem(TAB, granted.organization_id);
  become("signed_in");
}

export function choose(organizationId: string): void {
  sessionStorage.setItem(TAB, organizationId);
}

/** A token that is still good for a while; "" where nobody is signed in. */
export async function accessToken(): Promise<string> {
  if (token && Date.now() >= renewAt) await refresh();
  return token;
}

/** Ask for a new access token; those who come meanwhile wait for the same answer. */
export function refresh(): Promise<void> {
  refreshing ??= ask().finally(() => {
    refreshing = null;
  });
  return refreshing;
}

async function ask(): Promise<void> {
  const organization = organizationOfTab();
  const body = organization ? { organization_id: organization } : null;
  try {
    take((await bare.post<Granted>("/api/v1/auth/refresh", body)).data);
  } catch (error) {
    const status = axios.isAxiosError(error) ? error.response?.status : undefined;
    if (organization && (status === 403 || status === 404)) {
      // One is no member there any more: any other of one's organizations will do.
      sessionStorage.removeItem(TAB);
      await ask();
      return;
    }
    if (status !== undefined && status >= 400 && status < 500 && status !== 429) {
      const wasSignedIn = standing === "signed_in" || standing === "ended";
      token = "";
      become(wasSignedIn ? "ended" : "signed_out");
    }
    throw error;
  }
}

export async function signOut(): Promise<void> {
  await bare.post("/api/v1/auth/logout");
  forget();
}

/** The session is over by one's own will: nothing of it stays in this tab. */
export function forget(): void {
  token = "";
  sessionStorage.removeItem(TAB);
  dropDrafts();
  become("signed_out");
}

// Gives the generated client its token, and asks once more where it was refused one, or
// where a fresh proof of who one is was missing.
import { AxiosError, type InternalAxiosRequestConfig } from "axios";
import { client } from "~/client/client.gen";
import { repeatOnceProven } from "./proof";
import { accessToken, refresh, standingOfSession } from "./session";

type Asked = InternalAxiosRequestConfig & { isSecondTime?: boolean };

// These are asked by who is not signed in: their 401 is about what was typed.
const WITHOUT_TOKEN =
  /\/auth\/(login|register|verify-email|forgot-password|reset-password|read-invitation|accept-invitation)$/;

export function connectClient(): void {
  const http = client.instance;
  http.defaults.timeout = 60_000;
  http.interceptors.request.use(async (config) => {
    if (!WITHOUT_TOKEN.test(config.url ?? "")) {
      const token = await accessToken();
      if (token) config.headers.set("Authorization", `Bearer ${token}`);
    }
    return config;
  });
  http.interceptors.response.use(undefined, async (error: unknown) => {
    if (!(error instanceof AxiosError)) throw error;
    if (error.response?.status !== 401) return repeatOnceProven(http, error);
    const asked = error.config as Asked | undefined;
    if (!asked || asked.isSecondTime || WITHOUT_TOKEN.test(asked.url ?? "")) throw error;
    // Somebody else's refresh may have come first; then this one is quick.
    if (standingOfSession() !== "ended") await refresh();
    return http.request({ ...asked, isSecondTime: true } as Asked);
  });
}

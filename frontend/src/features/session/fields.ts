// What is asked of who they are, as the API asks it.
import { z } from "zod";

const MIN_PASSWORD = 12;
const MAX_PASSWORD = 128;

export const email = z.email("Write an address like alice@example.com.").max(254);
export const present = (what: string) =>
  z.string().trim().min(1, `Write ${what}.`).max(200, "At most 200 characters.");
export const anyPassword = z.string().min(1, "Write your password.").max(MAX_PASSWORD);
/** With a second factor 8 characters do, which only the server can know. */
export const newPassword = (least = MIN_PASSWORD) =>
  z
    .string()
    .min(least, `At least ${least} characters; a sentence is a good password.`)
    .max(MAX_PASSWORD, `At most ${MAX_PASSWORD} characters.`);

/** The token behind the # of a mailed link, which no server sees. */
export function tokenOf(hash: string): string {
  return new URLSearchParams(hash.replace(/^#/, "")).get("token") ?? "";
}

// Some acts ask for a fresh proof of who one is. They wait here until it is given, and are
// then sent again: whoever asked for the act sees nothing of it.
import { type AxiosError, type AxiosInstance, isAxiosError } from "axios";
import { troubleOf } from "./problem";

let waiting: { promise: Promise<boolean>; answer: (isGiven: boolean) => void } | null =
  null;
const listeners = new Set<() => void>();

function tell(): void {
  for (const listener of listeners) listener();
}

export function isProofAsked(): boolean {
  return waiting !== null;
}

export function onProof(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

/** Acts that come meanwhile wait for the same proof. */
function askForProof(): Promise<boolean> {
  if (!waiting) {
    let answer: (isGiven: boolean) => void = () => undefined;
    const promise = new Promise<boolean>((resolve) => {
      answer = resolve;
    });
    waiting = { promise, answer };
    tell();
  }
  return waiting.promise;
}

/** The dialog's answer; false where it was closed: then nothing is done. */
export function answerProof(isGiven: boolean): void {
  waiting?.answer(isGiven);
  waiting = null;
  tell();
}

/** The act's answer once the proof is given; any other error as it came. */
export async function repeatOnceProven(http: AxiosInstance, error: unknown) {
  if (!isAxiosError(error) || !error.config) throw error;
  await readProblem(error);
  if (troubleOf(error).code !== "step-up-required") throw error;
  if (!(await askForProof())) throw error;
  return http.request(error.config);
}

/** Where a file was asked for, the problem came as one. */
async function readProblem({ response }: AxiosError): Promise<void> {
  if (response?.data instanceof Blob && /json/.test(response.data.type)) {
    response.data = JSON.parse(await response.data.text()) as unknown;
  }
}

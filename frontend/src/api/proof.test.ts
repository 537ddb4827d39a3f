import axios, { AxiosError, AxiosHeaders, type InternalAxiosRequestConfig } from "axios";
import { expect, it } from "vitest";
import { answerProof, isProofAsked, repeatOnceProven } from "./proof";

/** A server that refuses with this problem until one has proved who one is. */
function refusing(data: unknown) {
  const sent: unknown[] = [];
  let isOpen = false;
  const http = axios.create();
  http.defaults.adapter = (config: InternalAxiosRequestConfig) => {
    sent.push(config.data);
    const answer = { statusText: "", headers: new AxiosHeaders(), config };
    if (isOpen) return Promise.resolve({ ...answer, status: 200, data: "done" });
    const response = { ...answer, status: 403, data };
    return Promise.reject(new AxiosError("refused", "", config, null, response));
  };
  http.interceptors.response.use(undefined, (error) => repeatOnceProven(http, error));
  const prove = async () => {
    await expect.poll(isProofAsked).toBe(true);
    isOpen = true;
    answerProof(true);
  };
  return { http, sent, prove };
}

const REQUIRED = { code: "step-up-required", title: "Prove again who you are" };

it("does all that waits for a proof again, once it is given", async () => {
  const { http, sent, prove } = refusing(REQUIRED);
  const acts = [http.post("/a", { name: "one" }), http.post("/b", { name: "two" })];
  await prove();
  expect((await Promise.all(acts)).map(({ data }) => data as unknown)).toEqual([
    "done",
    "done",
  ]);
  expect(isProofAsked()).toBe(false);
  expect(sent).toEqual(
    ["one", "two", "one", "two"].map((name) => JSON.stringify({ name })),
  );
});

it("reads the problem where a file was asked for", async () => {
  const problem = new Blob([JSON.stringify(REQUIRED)], {
    type: "application/problem+json",
  });
  const { http, prove } = refusing(problem);
  const act = http.get("/export");
  await prove();
  expect((await act).data).toBe("done");
});

it("does nothing where none is given, and asks for none about anything else", async () => {
  const { http, sent } = refusing(REQUIRED);
  const act = http.post("/a");
  const refused = expect(act).rejects.toBeInstanceOf(AxiosError);
  await expect.poll(isProofAsked).toBe(true);
  answerProof(false);
  await refused;
  expect(sent).toHaveLength(1);
  await expect(refusing({ code: "forbidden" }).http.post("/a")).rejects.toBeTruthy();
  expect(isProofAsked()).toBe(false);
});

// Files of the API: they need the token, so they are fetched, and then given to the browser.
import { isAxiosError } from "axios";

export type Saved = { data: unknown; headers: object };

const END = /"complete": true\}\s*$/;
const TAIL = 64;

/** Give the browser the file to save, and tell its name. What broke off is not saved: the
 * connection ends in an error then, and JSON lacks its end. */
export async function saveFile(asked: Promise<Saved>): Promise<string> {
  const { data, headers } = await asked.catch(readable);
  if (!(data instanceof Blob)) throw new TypeError("not a file");
  const name = nameOf(headers as Record<string, unknown>);
  if (name.endsWith(".json") && !END.test(await data.slice(-TAIL).text())) {
    throw new Error("broken off");
  }
  keepFile(data, name);
  return name;
}

/** A plain link would not do: it would ask for the file without the token. */
export function keepFile(file: unknown, name: string): void {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(file as Blob);
  link.download = name;
  link.click();
  URL.revokeObjectURL(link.href);
}

function nameOf(headers: Record<string, unknown>): string {
  const said = headers["content-disposition"];
  const [, name] =
    /filename="([\w.-]+)"/.exec(typeof said === "string" ? said : "") ?? [];
  return name ?? "cloudrota";
}

/** A refusal comes as a blob too, where a blob was asked for. */
async function readable(error: unknown): Promise<never> {
  if (isAxiosError(error) && error.response?.data instanceof Blob) {
    try {
      error.response.data = JSON.parse(await error.response.data.text()) as unknown;
    } catch {
      error.response.data = undefined;
    }
  }
  throw error;
}

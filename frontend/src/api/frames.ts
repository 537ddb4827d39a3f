// Server-sent events out of the text of a stream.

export type Frame = {
  id: string | null;
  event: string;
  data: string;
  retry: number | null;
};

/** Takes text as it comes, in pieces of any size, and gives each frame once it is whole. */
export class FrameReader {
  private rest = "";

  read(piece: string): Frame[] {
    const text = this.rest + piece;
    const blocks = text.split(/\r?\n\r?\n/);
    this.rest = blocks.pop() ?? "";
    return blocks.map(frameOf);
  }
}

function frameOf(block: string): Frame {
  const frame: Frame = { id: null, event: "message", data: "", retry: null };
  const data: string[] = [];
  for (const line of block.split(/\r?\n/)) {
    const [, name, value] = /^(\w+): ?(.*)$/.exec(line) ?? [];
    if (name === "id") frame.id = value ?? null;
    else if (name === "event") frame.event = value ?? "";
    else if (name === "data") data.push(value ?? "");
    else if (name === "retry") frame.retry = Number(value) || null;
  }
  frame.data = data.join("\n");
  return frame;
}

import { useEffect, useState } from "react";

const TICK_MS = 20_000;
const told = new Set<(now: number) => void>();
let timer: ReturnType<typeof setInterval> | undefined;

/** The present, in milliseconds, as it goes by: one clock for all that show it. */
export function useNow(): number {
  const [now, setNow] = useState(() => Date.now());
  useEffect(() => {
    told.add(setNow);
    timer ??= setInterval(() => told.forEach((tell) => tell(Date.now())), TICK_MS);
    return () => {
      told.delete(setNow);
      if (told.size > 0) return;
      clearInterval(timer);
      timer = undefined;
    };
  }, []);
  return now;
}

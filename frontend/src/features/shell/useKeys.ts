import { useNavigate } from "@tanstack/react-router";
import { useEffect, useRef } from "react";
import { PLACES } from "./places";

const SECOND_KEY_MS = 1_200;
const TYPING = "input, textarea, select, [contenteditable=true], [role=combobox]";

type Handlers = { onPalette: () => void; onHelp: () => void };

/** The keys that work everywhere but where somebody types. */
export function useKeys({ onPalette, onHelp }: Handlers): void {
  const navigate = useNavigate();
  const wentAt = useRef(0);
  useEffect(() => {
    const press = (event: KeyboardEvent) => {
      if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === "k") {
        event.preventDefault();
        onPalette();
        return;
      }
      const target = event.target as HTMLElement | null;
      if (event.ctrlKey || event.metaKey || event.altKey || target?.closest(TYPING))
        return;
      if (document.querySelector("[role=dialog]")) return;
      if (event.key === "?") onHelp();
      else if (event.key === "/") {
        const search = document.querySelector<HTMLInputElement>("input[type=search]");
        if (search) {
          event.preventDefault();
          search.focus();
        }
      } else if (event.key === "g") wentAt.current = event.timeStamp;
      else if (event.timeStamp - wentAt.current < SECOND_KEY_MS) {
        wentAt.current = 0;
        const place = PLACES.find((one) => one.key === event.key);
        if (place) void navigate({ to: place.to });
      }
    };
    window.addEventListener("keydown", press);
    return () => window.removeEventListener("keydown", press);
  }, [navigate, onHelp, onPalette]);
}

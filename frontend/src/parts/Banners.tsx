import Alert from "@mui/material/Alert";
import Button from "@mui/material/Button";
import { useSyncExternalStore } from "react";
import { isNewer, onVersion } from "~/api/version";

const onLine = (listener: () => void) => {
  window.addEventListener("online", listener);
  window.addEventListener("offline", listener);
  return () => {
    window.removeEventListener("online", listener);
    window.removeEventListener("offline", listener);
  };
};

const SX = {
  borderRadius: 0,
  border: 0,
  borderBottom: 1,
  borderColor: "divider",
} as const;

/** What one must know on whatever page: the connection is lost, or the page is old. */
export function Banners() {
  const isOnline = useSyncExternalStore(onLine, () => navigator.onLine);
  const isOld = useSyncExternalStore(onVersion, isNewer);
  return (
    <div role="status">
      {isOnline ? null : (
        <Alert severity="warning" variant="outlined" sx={SX}>
          You are offline. What is shown may be old; what you typed is kept.
        </Alert>
      )}
      {isOld ? (
        <Alert
          severity="info"
          variant="outlined"
          sx={SX}
          action={
            <Button size="small" color="inherit" onClick={() => window.location.reload()}>
              Reload
            </Button>
          }
        >
          There is a new version of the console. What you typed is kept over a reload.
        </Alert>
      ) : null}
    </div>
  );
}

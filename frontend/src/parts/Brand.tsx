import Box from "@mui/material/Box";
import Typography from "@mui/material/Typography";

export function Brand() {
  return (
    <Box sx={{ display: "flex", alignItems: "center", gap: 1 }}>
      <Box component="img" src="/icon.svg" alt="" sx={{ width: 24, height: 24 }} />
      <Typography
        component="span"
        sx={{ fontWeight: 650, fontSize: 15, letterSpacing: "-0.01em" }}
      >
        Cloudrota
      </Typography>
    </Box>
  );
}

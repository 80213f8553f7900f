import { generateClient } from "../../prisma/generate";
import { launch } from "./launch";

generateClient();
await launch("dev");

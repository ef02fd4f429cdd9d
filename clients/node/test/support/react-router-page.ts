// A program: serves the modules in app/routes of the folder that is its first argument, each at the path of its name, at
// the port that is its second.
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { serve, type Modules } from "./react-router-app.js";

const [, , folder = "", port = ""] = process.argv;
const routes = join(folder, "app", "routes");
const modules: Record<string, Modules[string]> = {};
for (const file of readdirSync(routes).filter((name) => name.endsWith(".js"))) {
  modules[file.replace(/\.js$/, "")] = (await import(pathToFileURL(join(routes, file)).href)) as object;
}
await serve(modules, Number(port));

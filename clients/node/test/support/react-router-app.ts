// Serves route modules of React Router over HTTP by its own request handler, without a bundler: what `react-router build`
// would make of the modules is written here by hand. Documents are the loader data as JSON.
import { createServer, type Server as HttpServer } from "node:http";
import type { AddressInfo } from "node:net";
import { createRequestHandler, type ServerBuild } from "react-router";

/** Route modules by their paths; "" is the root, which is around all others. */
export type Modules = Readonly<Record<string, object>>;

export function requestHandler(modules: Modules): (request: Request) => Promise<Response> {
  const routes: Record<string, object> = {};
  const assets: Record<string, object> = {};
  for (const [path, module] of Object.entries({ "": { default: () => null }, ...modules })) {
    const id = path === "" ? "root" : path;
    const place = { id, path, parentId: id === "root" ? undefined : "root" };
    routes[id] = { ...place, module };
    assets[id] = { ...place, hasAction: "action" in module, hasLoader: "loader" in module, module: id };
  }
  const page = (_request: Request, status: number, headers: Headers, context: object) => {
    const { loaderData, errors } = (context as { staticHandlerContext: { loaderData: object; errors: object | null } })
      .staticHandlerContext;
    headers.set("Content-Type", "application/json");
    return new Response(JSON.stringify({ ...loaderData, ...(errors === null ? {} : { errors }) }), { status, headers });
  };
  const build = {
    ...{ entry: { module: { default: page, handleError: () => undefined } }, routes, future: { v8_middleware: true } },
    ...{ assets: { entry: { imports: [], module: "" }, routes: assets, url: "", version: "" }, prerender: [] },
    ...{ publicPath: "/", assetsBuildDirectory: "", ssr: true, isSpaMode: false },
    routeDiscovery: { mode: "initial", manifestPath: "/manifest" },
  };
  return createRequestHandler(build as unknown as ServerBuild, "production");
}

/** Listens at the port, or at a free one. */
export async function serve(modules: Modules, port = 0): Promise<{ url: string; server: HttpServer }> {
  const handle = requestHandler(modules);
  const server = createServer((incoming, outgoing) => {
    void (async () => {
      const chunks: Buffer[] = [];
      for await (const chunk of incoming) chunks.push(chunk as Buffer);
      const { method = "GET", url = "/" } = incoming;
      const headers = new Headers(Object.entries(incoming.headers) as [string, string][]);
      const body = chunks.length === 0 ? null : Buffer.concat(chunks);
      const response = await handle(new Request(new URL(url, "http://localhost"), { method, headers, body }));
      outgoing.statusCode = response.status;
      for (const [name, value] of response.headers) if (name !== "set-cookie") outgoing.setHeader(name, value);
      outgoing.setHeader("set-cookie", response.headers.getSetCookie());
      outgoing.end(Buffer.from(await response.arrayBuffer()));
    })();
  });
  await new Promise<void>((done) => server.listen(port, "127.0.0.1", done));
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, server };
}

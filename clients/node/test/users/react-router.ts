// A user's sessions of React Router. It is compiled, not run: types.test.ts and package.test.ts.
import { createCookie, redirect, type ActionFunctionArgs, type SessionStorage } from "react-router";
import { createClient } from "redis";
import { createRedisSessionStorage, type Device } from "redis-session-client/react-router";

interface Data {
  name: string;
  cart: number[];
}

const client = createClient();
const storage = createRedisSessionStorage<Data, { error: string }>({
  client,
  cookie: { name: "shop", maxAge: 3600, secure: false },
  touch: "request",
});
export const { getSession, commitSession, destroySession, login, rotate, list, revoke } = storage;
export const asReactRouterHasIt: SessionStorage<Data, { error: string }> = storage;
export const withOwnCookie = createRedisSessionStorage({ client, cookie: createCookie("shop", { path: "/" }) });

export async function action({ request }: ActionFunctionArgs): Promise<Response> {
  const session = await getSession(request.headers.get("Cookie"));
  const cart: number[] | undefined = session.get("cart");
  session.flash("error", "no");
  session.set("cart", [...(cart ?? []), 7]);
  const devices: Device[] = await list("ada", { current: session });
  await revoke("ada", { except: session });
  const headers = { "Set-Cookie": await login(session, "ada", { name: String(devices.length) }, { maxAge: 60 }) };
  return redirect("/", { headers });
}

// Starts real servers with the module loaded, each on a free port of the loopback interface, and stops them.
import { spawn, type ChildProcess } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { connect, createServer } from "node:net";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";

/** The folder of the package. This file is in build/test/support when it runs. */
export const packageRoot = resolve(dirname(fileURLToPath(import.meta.url)), "../../..");

const program = process.env["REDIS_SERVER"] ?? "redis-server";
const running = new Set<ChildProcess>();
process.on("exit", () => {
  for (const child of running) child.kill("SIGKILL");
});

/** The module: REDIS_SESSION_MODULE, or the newest build in target/. */
export function modulePath(): string {
  const given = process.env["REDIS_SESSION_MODULE"];
  if (given !== undefined) return given;
  for (const build of ["release/libredis_session.so", "debug/libredis_session.so", "debug/deps/libredis_session.so"]) {
    const path = resolve(packageRoot, "../../target", build);
    if (existsSync(path)) return path;
  }
  throw new Error("the module is not built; type `make build`, or set REDIS_SESSION_MODULE");
}

// Ports that this process has given out.
const given = new Set<number>();

/** The first port that the system gives to outgoing connections. */
function firstPortOfClients(): number {
  const range = "/proc/sys/net/ipv4/ip_local_port_range";
  return (existsSync(range) && parseInt(readFileSync(range, "utf8"))) || 32_768;
}

/**
 * A port that was free a moment ago. It lies below those that the system gives to outgoing connections: one of these
 * could take it before the server does.
 */
export async function freePort(): Promise<number> {
  const first = 10_000;
  const end = Math.max(firstPortOfClients(), first + 5_000);
  for (;;) {
    const port = first + Math.floor(Math.random() * (end - first));
    if (given.has(port)) continue;
    given.add(port);
    const listener = createServer();
    const free = await new Promise<boolean>((done) => {
      listener.once("error", () => {
        done(false);
      });
      listener.listen(port, "127.0.0.1", () => {
        done(true);
      });
    });
    if (!free) continue;
    await new Promise((done) => listener.close(done));
    return port;
  }
}

export interface ServerOptions {
  /** Lines of the configuration, such as ["--appendonly", "yes"]. */
  readonly args?: readonly string[];
  /** false starts a server without the module. */
  readonly module?: boolean;
  readonly port?: number;
  /** The folder for its data; by default a new one, which `stop` removes. */
  readonly dir?: string;
}

/** A server process. `await using` is not in Node 20, so call `stop`; the exit of the test process kills it too. */
export class Server {
  private constructor(
    readonly port: number,
    readonly process: ChildProcess,
    private readonly dir: string,
    private readonly keepsDir: boolean,
  ) {}

  get url(): string {
    return `redis://127.0.0.1:${String(this.port)}`;
  }

  static async start(options: ServerOptions = {}): Promise<Server> {
    for (let attempt = 0; ; attempt++) {
      const port = options.port ?? (await freePort());
      const dir = options.dir ?? mkdtempSync(join(tmpdir(), "redis-session-"));
      const args = ["--port", String(port), "--bind", "127.0.0.1", "--dir", dir, "--save", "", "--daemonize", "no"];
      args.push("--logfile", join(dir, "server.log"), ...(options.args ?? []));
      if (options.module !== false) args.push("--loadmodule", modulePath());
      const child = spawn(program, args, { stdio: "ignore" });
      running.add(child);
      const server = new Server(port, child, dir, options.dir !== undefined);
      if (await server.answers()) return server;
      const log = existsSync(join(dir, "server.log")) ? readFileSync(join(dir, "server.log"), "utf8") : "";
      await server.stop();
      // Another process can take the port between the check and the start.
      if (attempt === 3 || !log.includes("Address already in use"))
        throw new Error(`${program} did not start:\n${log}`);
    }
  }

  /** Sends one command over a connection of its own, and resolves to the first line of the reply. */
  async ask(command: string): Promise<string> {
    return new Promise((done, fail) => {
      const socket = connect(this.port, "127.0.0.1", () => socket.write(`${command}\r\n`));
      socket.setTimeout(5000, () => socket.destroy(new Error(`no answer to ${command}`)));
      socket.once("data", (data) => {
        socket.destroy();
        done(data.toString().split("\r\n", 1)[0] ?? "");
      });
      socket.once("error", fail);
      socket.once("close", () => {
        fail(new Error("the connection was closed"));
      });
    });
  }

  private async answers(): Promise<boolean> {
    for (let i = 0; i < 600 && this.process.exitCode === null && this.process.signalCode === null; i++) {
      if ((await this.ask("PING").catch(() => "")) === "+PONG") return true;
      await sleep(50);
    }
    return false;
  }

  /** Ends the process and waits for it; removes its data unless the caller gave the folder. */
  async stop(signal: NodeJS.Signals = "SIGKILL"): Promise<void> {
    if (this.process.exitCode === null && this.process.signalCode === null) {
      const ended = new Promise((done) => this.process.once("exit", done));
      this.process.kill(signal);
      await ended;
    }
    running.delete(this.process);
    if (!this.keepsDir) rmSync(this.dir, { recursive: true, force: true });
  }
}

// The real binary: a demo of its own for each test file, on free ports, in a folder that goes away.

import { execFileSync, spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

const BIN = process.env.FIREWARD_BIN;

/** Starts `fireward demo` and waits for its ready line. */
export async function demo(...extra) {
  const data = mkdtempSync(join(tmpdir(), 'fireward-'));
  const ports = ['--port', '0', '--fhir-port', '0', '--apps-port', '0'];
  const child = spawn(BIN, ['--log', 'warn', 'demo', ...ports, '--data', data, ...extra], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let log = '';
  child.stderr.on('data', (text) => { log += text; });
  const ready = await new Promise((resolve, reject) => {
    child.once('exit', (code) => reject(new Error(`the demo ended with ${code}: ${log}`)));
    createInterface({ input: child.stdout }).on('line', (line) => {
      if (line.startsWith('fireward ready ')) resolve(JSON.parse(line.slice('fireward ready '.length)));
    });
  });
  return {
    ...ready,
    log: () => log,
    /** Runs a command of the binary on this demo's data. */
    command: (...args) => execFileSync(BIN, [...args, '--data', data], { encoding: 'utf8' }),
    /** Registers a client with the running demo. */
    register(client) {
      const file = join(data, `${client.client_id}.json`);
      writeFileSync(file, JSON.stringify(client));
      return this.command('client', 'import', file);
    },
    async stop() {
      child.removeAllListeners('exit');
      const ended = new Promise((resolve) => child.once('exit', resolve));
      child.kill('SIGTERM');
      await ended;
      rmSync(data, { recursive: true, force: true });
    },
  };
}

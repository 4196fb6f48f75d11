/* eslint-disable @n8n/community-nodes/no-restricted-imports, @n8n/community-nodes/no-restricted-globals -- these rules are for code that runs inside n8n */
import { BlockList, isIP, Socket } from 'node:net';

const loopbackAddresses = new BlockList();
loopbackAddresses.addSubnet('127.0.0.0', 8, 'ipv4');
loopbackAddresses.addAddress('::1', 'ipv6');

const isLoopback = (host: string): boolean => {
	const version = isIP(host);
	if (version === 0) return host === 'localhost' || host.endsWith('.localhost');
	return loopbackAddresses.check(host, version === 4 ? 'ipv4' : 'ipv6');
};

interface Target {
	host: string;
	/** Absent for a local pipe, which never leaves the machine. */
	port?: number | string;
}

/** Reads every form of arguments of `socket.connect`, also the array that `net.connect` passes on. */
const targetOf = (parameters: readonly unknown[]): Target => {
	const [first, second] = parameters;
	if (Array.isArray(first)) return targetOf(first);
	if (typeof first === 'object' && first !== null) {
		const { host, port } = first as Partial<Target>;
		return { host: host ?? 'localhost', port };
	}
	if (typeof first === 'string' && Number.isNaN(Number(first))) return { host: 'localhost' };
	return { host: typeof second === 'string' ? second : 'localhost', port: Number(first) };
};

export interface LoopbackGuard {
	/** Each refused connection as `host:port`, in order. */
	refused: string[];
	stop(): void;
}

/**
 * Refuses every TCP connection of this process that would leave the machine, before the name lookup.
 * The connection fails with `ENETUNREACH`, as on a machine without a network.
 */
export const guardLoopback = (): LoopbackGuard => {
	const refused: string[] = [];
	const connect = Socket.prototype.connect;
	Socket.prototype.connect = function (this: Socket, ...parameters: unknown[]): Socket {
		const { host, port } = targetOf(parameters);
		if (isLoopback(host)) return Reflect.apply(connect, this, parameters) as Socket;
		refused.push(`${host}:${String(port)}`);
		const error = Object.assign(new Error(`connect ENETUNREACH ${host}: only loopback is open`), {
			code: 'ENETUNREACH',
			syscall: 'connect',
		});
		process.nextTick(() => this.destroy(error));
		return this;
	} as Socket['connect'];
	return {
		refused,
		stop: () => {
			Socket.prototype.connect = connect;
		},
	};
};

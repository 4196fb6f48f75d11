import type { LogMetadata } from 'n8n-workflow';

/** One line of n8n's log, or (level `ui`) a message that a node sent to the editor's console. */
export interface LogEntry {
	level: 'error' | 'warn' | 'info' | 'debug' | 'ui';
	message: string;
	metadata: unknown;
}

/** n8n's logger at level debug, kept in memory instead of printed. */
export class MemoryLogger {
	readonly entries: LogEntry[] = [];

	scoped(): this {
		return this;
	}

	add(level: LogEntry['level'], message: string, metadata: unknown = {}): void {
		this.entries.push({ level, message, metadata });
	}

	error(message: string, metadata?: LogMetadata): void {
		this.add('error', message, metadata);
	}

	warn(message: string, metadata?: LogMetadata): void {
		this.add('warn', message, metadata);
	}

	info(message: string, metadata?: LogMetadata): void {
		this.add('info', message, metadata);
	}

	debug(message: string, metadata?: LogMetadata): void {
		this.add('debug', message, metadata);
	}
}

import axios, { type AxiosInstance } from 'axios';

/** A client for an emulator: takes every status and follows no redirect. */
export function clientOf(baseURL: string, headers: Record<string, string> = {}): AxiosInstance {
	return axios.create({
		baseURL,
		headers,
		validateStatus: () => true,
		maxRedirects: 0,
		proxy: false,
	});
}

/** The code of the error that a request ends with, or `none` when it is answered. */
export async function errorCodeOf(request: Promise<unknown>): Promise<string> {
	try {
		await request;
		return 'none';
	} catch (error) {
		return axios.isAxiosError(error) ? (error.code ?? error.message) : String(error);
	}
}

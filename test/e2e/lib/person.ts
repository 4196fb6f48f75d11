/* eslint-disable @n8n/community-nodes/no-restricted-imports, @n8n/community-nodes/no-restricted-globals -- these rules are for code that runs inside n8n */
import type { Locator, Page } from 'playwright-core';

/** What an input event of the page tells. */
interface Input {
	isTrusted: boolean;
	key?: string;
	ctrlKey?: boolean;
	metaKey?: boolean;
}

interface Window {
	handActions?: number;
	addEventListener(type: string, listener: (event: Input) => void, capture: boolean): void;
}

/**
 * A person with a mouse and a keyboard. No field is filled in without a click into it, unless the
 * editor has put the cursor there, and nothing opens by itself.
 *
 * The page itself counts what reaches it. Each press of a mouse button is one action: a double click is
 * two, a drag is one. Each press of a key that writes nothing, such as Enter, and each shortcut is one
 * as well. Text that is typed is free, and so are the wheel and the eyes.
 */
export class Person {
	private constructor(private readonly page: Page) {}

	/** Call it before the editor is opened. */
	static async at(page: Page): Promise<Person> {
		await page.addInitScript(() => {
			const window = globalThis as unknown as Window;
			window.handActions = 0;
			const count = (counts: boolean): void => {
				window.handActions = (window.handActions ?? 0) + Number(counts);
			};
			window.addEventListener('mousedown', ({ isTrusted }) => count(isTrusted), true);
			window.addEventListener(
				'keydown',
				({ isTrusted, key = '', ctrlKey = false, metaKey = false }) => {
					const isModifier = ['Alt', 'Control', 'Meta', 'Shift'].includes(key);
					const writes = key.length === 1 && !ctrlKey && !metaKey;
					count(isTrusted && !isModifier && !writes);
				},
				true,
			);
		});
		return new Person(page);
	}

	async click(target: Locator): Promise<void> {
		await target.click();
	}

	/** Types where the cursor is. */
	async type(text: string): Promise<void> {
		await this.page.keyboard.type(text);
	}

	async drag(from: Locator, to: Locator): Promise<void> {
		await to.scrollIntoViewIfNeeded();
		await from.hover();
		await this.page.mouse.down();
		// Twice, since the panel may close a preview meanwhile, which moves the fields below it
		for (const steps of [12, 4]) {
			const box = await to.boundingBox();
			if (!box) throw new Error('There is nothing to drag to');
			// The editor follows the mouse, which must not jump
			await this.page.mouse.move(box.x + box.width / 4, box.y + box.height / 2, { steps });
		}
		await this.page.mouse.up();
	}

	/** How many actions have reached the page since it was opened. */
	async actions(): Promise<number> {
		return await this.page.evaluate(() => (globalThis as unknown as Window).handActions ?? 0);
	}
}

import type {
	IExecuteFunctions,
	INodeExecutionData,
	INodeType,
	INodeTypeDescription,
} from 'n8n-workflow';
import { NodeConnectionTypes } from 'n8n-workflow';

import { execute } from '../shared/operations/execute';
import { propertiesOf } from '../shared/operations/operation';
import { resources } from './actions';
import { listSearch, testKlinkyApi } from './methods';
import { klinky } from './service';

export class Klinky implements INodeType {
	description: INodeTypeDescription = {
		displayName: 'Klinky',
		name: 'klinky',
		icon: { light: 'file:../../icons/klinky.svg', dark: 'file:../../icons/klinky.dark.svg' },
		group: ['transform'],
		version: 1,
		subtitle: '={{ $parameter["operation"] + ": " + $parameter["resource"] }}',
		description: 'Create short links, split visitors by weight or country, and read clicks',
		builderHint: {
			searchHint:
				'One run handles all items: no loop is needed. Requests per hour are limited: set options.waitForRateLimit, or connect the error output to a Wait node.',
		},
		defaults: { name: 'Klinky' },
		usableAsTool: true,
		inputs: [NodeConnectionTypes.Main],
		outputs: [NodeConnectionTypes.Main],
		credentials: [{ name: 'klinkyApi', required: true, testedBy: 'testKlinkyApi' }],
		hints: [
			{
				message:
					'To change the destinations of a link, choose Update Variants. To shift its weights, choose Update Weights.',
				displayCondition:
					'={{ $parameter["resource"] === "link" && $parameter["operation"] === "update" }}',
				whenToDisplay: 'beforeExecution',
				location: 'outputPane',
			},
			{
				message:
					'Update Variants replaces all variants of the link. To shift visitors between existing ones, use Update Weights.',
				displayCondition: '={{ $parameter["operation"] === "updateVariants" }}',
				whenToDisplay: 'beforeExecution',
				location: 'outputPane',
			},
		],
		properties: propertiesOf(resources, 'link'),
	};

	methods = {
		credentialTest: { testKlinkyApi },
		listSearch,
	};

	async execute(this: IExecuteFunctions): Promise<INodeExecutionData[][]> {
		return await execute(this, klinky, resources);
	}
}

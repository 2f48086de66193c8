"""What a payment file or a receipt comes to, in a few plain values: for the command line, tests, a person."""

from nattbok.formats.payment.shape import PaymentFile, Receipt

FIRST = 5


def of_payments(file: PaymentFile) -> dict[str, object]:
    """Plain values that JSON can hold; amounts as text with two decimals."""
    transfers = file.transfers
    references = [one.reference for one in transfers if one.reference]
    return {
        "message": file.message,
        "transactions": len(transfers),
        "sum_credits": "0.00",
        "sum_debits": f"{file.total:.2f}",
        "currency": ",".join(sorted({one.currency for one in transfers})),
        "payment_infos": len(file.batches),
        "header_nb": file.stated_count,
        "header_ctrl_sum": None if file.stated_sum is None else f"{file.stated_sum:f}",
        "end_to_end_first5": [one.end_to_end_id for one in transfers[:FIRST]],
        "references_first5": references[:FIRST],
    }


def of_receipt(receipt: Receipt) -> dict[str, object]:
    """Each status with its first reason; None where the bank says nothing."""
    return {
        "message": receipt.message,
        "original_message": receipt.original_message_id,
        "group_status": str(receipt.status) or None,
        "group_reason": receipt.reasons[0].code if receipt.reasons else None,
        "payment_info_statuses": [str(batch.status) for batch in receipt.batches],
        "transactions": len(receipt.transfers),
        "statuses": [
            [one.end_to_end_id, str(one.status), one.reasons[0].code if one.reasons else None]
            for one in receipt.transfers
        ],
    }

package pii

import "bytes"

// Words before a number that say what it is. Those of ASCII are in lower case and stand for all cases.
var (
	phoneWords = []string{
		"电话", "電話", "手机", "手機", "热线", "熱線", "传真", "傳真", "致电", "致電", "拨打", "撥打", "客服", "咨询", "联系方式", "联系", "座机", "短信", "来电",
		"tel", "telephone", "phone", "mobile", "mob", "cell", "call", "fax", "hotline", "whatsapp", "contact", "text", "at", "☎", "📞", "📱",
	}
	idWords       = []string{"身份证", "身份證", "身分證", "身分证", "證件", "证件", "統一編號", "统一编号", "居民证", "居留證", "idcard", "id card", "hkid", "national id", "id no", "id number", "id"}
	passportWords = []string{"护照", "護照", "passport", "passport no", "passport number"}
	permitWords   = []string{"通行证", "通行證", "回乡证", "回鄉證", "台胞证", "臺胞證", "台胞證", "permit", "permit no"}
	qqWords       = []string{"qq", "ｑｑ", "ＱＱ", "扣扣", "企鹅", "企鵝", "球球", "加q", "＋q", "+q", "扣q"}
	wechatWords   = []string{"微信", "wechat", "weixin", "vx", "wx", "v信"}
	ssnWords      = []string{"ssn", "social security", "social security number"}
	cardWords     = []string{"卡", "银行卡", "账号", "帐号", "賬號", "帳號", "账户", "card", "credit card", "account", "card number", "visa", "mastercard", "amex"}
	addressWords  = []string{"ip", "ip地址", "地址", "服务器", "伺服器", "host", "server", "dns", "ping", "address", "gateway", "网关", "主机", "from", "://", "ip address"}
	// versionWords say that what looks like an address is a version or a section.
	versionWords = []string{
		"版本", "版", "version", "ver", "v", "release", "build", "rev", "revision", "§", "第", "section", "sec", "chapter", "clause", "article", "oid",
	}
	// otherWords say that a number is one of something else.
	otherWords = []string{
		"订单", "訂單", "单号", "單號", "编号", "編號", "流水", "流水号", "流水號", "序号", "序號", "运单", "快递", "物流", "合同", "案号", "发票", "税号", "条码", "条形码",
		"批号", "批次", "型号", "货号", "学号", "工号", "准考证", "考号", "报名号", "登记号", "注册号", "许可证", "文号", "书号", "刊号", "统一书号", "索书号", "邮发代号", "股票代码", "代码",
		"isbn", "issn", "doi", "imei", "order", "order no", "order id", "tracking", "invoice", "serial", "sku", "pmid", "arxiv", "ref", "id=", "patent", "专利",
	}
	// units behind a number make it an amount.
	units = []string{
		"元", "万", "萬", "亿", "億", "美元", "美金", "块", "人", "吨", "噸", "股", "次", "个", "個", "米", "公里", "公斤", "千克", "克", "平方", "立方", "户", "件", "%", "％", "倍", "年",
		"度", "千瓦", "字节", "比特", "欧元", "日元", "港元", "港币", "英镑", "USD", "RMB", "CNY", "kg", "km", "bytes",
	}
	currencies = []string{"¥", "￥", "$", "＄", "€", "£", "rmb", "usd", "cny", "eur", "人民币", "人民幣"}
)

// connectors may stand between a word and its number.
var connectors = []string{
	" ", ":", "：", "(", "（", "[", "【", "】", "]", ")", "）", "“", "”", "\"", "'", "=", "、", ".", "#", "-", "—", "|", "*", "　", "\u00A0",
	"是", "为", "為", "号", "號", "码", "碼", "群", "及", "也", "同", "就", "您", "请", "：\n", "no", "No", "NO",
}

const maxConnectors = 8

// labelled says whether one of the words stands before t[end], with no more than connectors between.
func labelled(t []byte, end int, words []string) bool {
	for range maxConnectors {
		for _, w := range words {
			if hasSuffixFold(t[:end], w) {
				return true
			}
		}
		n := 0
		for _, c := range connectors {
			if bytes.HasSuffix(t[:end], []byte(c)) {
				n = len(c)
				break
			}
		}
		if n == 0 {
			return false
		}
		end -= n
	}
	return false
}

// amount says whether the number in t[from:to] is one of money, people or things.
func amount(t []byte, from, to int) bool {
	for _, c := range currencies {
		if hasSuffixFold(bytes.TrimRight(t[max(0, from-20):from], " "), c) {
			return true
		}
	}
	behind := t[to:min(to+20, len(t))]
	if len(behind) > 0 && behind[0] == ' ' {
		behind = behind[1:]
	}
	return hasPrefixOf(behind, units)
}
